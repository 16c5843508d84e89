"""The presenter's remote: who is obeyed, what is refused, and attacks over loopback, counted."""

import asyncio
import hashlib
import hmac
import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import missing
from flashcards.audience.remote import MAX_COUNTER, Remote, Signed, signature
from tests.audience.server import Served, ask, challenge_of, enter, request, served
from tests.waiting import PATIENCE_S, until

SECRET, OTHER = "5e" * 16, "0f" * 16
PHONE, TABLET = "a1" * 16, "b2" * 16
CHALLENGE = "c3" * 16
SCRIPT = Path("flashcards/audience/js_sha256/sha256.min.js")


def command(
    counter: int,
    text: str = '{"what":"on"}',
    *,
    device: str = PHONE,
    secret: str = SECRET,
    challenge: str = CHALLENGE,
) -> Signed:
    unsigned = Signed(device, counter, text, "")
    mac = signature(secret, challenge, unsigned)
    return msgspec.structs.replace(unsigned, mac=mac)


def a_remote() -> Remote:
    remote = Remote(CHALLENGE)
    remote.allow(SECRET)
    return remote


def test_a_command_is_obeyed_once() -> None:
    remote = a_remote()
    assert remote.refusal(command(7)) is None
    assert remote.refusal(command(7)) == "replayed"
    assert remote.refusal(command(6)) == "replayed"
    assert remote.refusal(command(8)) is None
    assert remote.refusal(command(MAX_COUNTER + 1)) == "replayed"
    assert remote.refused == {"replayed": 3}


@pytest.mark.parametrize(
    "forged",
    [
        command(1, secret=OTHER),
        command(1, challenge="d4" * 16),  # of a room that was open before
        msgspec.structs.replace(command(1), command='{"what":"back"}'),
        msgspec.structs.replace(command(1), counter=2),
        msgspec.structs.replace(command(1), device=TABLET),
        msgspec.structs.replace(command(1), mac=""),
        msgspec.structs.replace(command(1), mac="é\ud800"),
        command(1, device="no\ndevice"),
        command(1, device=""),
    ],
)
def test_what_is_signed_otherwise_is_refused(forged: Signed) -> None:
    remote = a_remote()
    assert remote.refusal(forged) == "forged"
    assert remote.device == ""
    assert remote.refusal(command(1)) is None


def test_the_remote_belongs_to_one_device_until_it_is_withdrawn() -> None:
    remote = a_remote()
    assert remote.refusal(command(1)) is None
    assert remote.refusal(command(9, device=TABLET)) == "another_device"
    assert remote.refusal(command(2)) is None
    stream = remote.begin_stream(remote.phone)
    remote.allow(OTHER)
    assert remote.phone.stream != stream
    assert remote.farewell == "withdrawn"
    assert remote.refusal(command(3)) == "forged"
    assert remote.refusal(command(1, device=TABLET, secret=OTHER)) is None
    remote.allow("")
    assert remote.refusal(command(2, device=TABLET, secret=OTHER)) == "closed"
    assert Remote(CHALLENGE).refusal(command(1)) == "closed"


def test_the_device_of_a_room_that_is_opened_again_is_known() -> None:
    remote = Remote(CHALLENGE)
    remote.allow(SECRET, TABLET)
    assert remote.refusal(command(1)) == "another_device"
    assert remote.refusal(command(1, device=TABLET)) is None


def test_the_signature_is_hmac_of_sha256() -> None:
    text = f"{CHALLENGE}\n{PHONE}\n5\nä".encode()
    wanted = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    assert signature(SECRET, CHALLENGE, Signed(PHONE, 5, "ä", "")) == wanted


def test_the_script_that_signs_is_the_published_one() -> None:
    """js-sha256 1.0.0, `build/sha256.min.js`, as its authors published it."""
    digest = hashlib.sha256(SCRIPT.read_bytes()).hexdigest()
    assert digest == "a050d794e170699bd1a69d33908d0942c68901cb88347016064b60b240f0067e"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_script_signs_as_the_server_does() -> None:
    texts = ["", "a", "ä€😀", "x" * 200]
    script = f"const sha256 = require({json.dumps(str(SCRIPT.resolve()))});" + (
        f"for (const text of {json.dumps(texts)}) console.log(sha256.hmac('{SECRET}', text));"
    )
    output = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    wanted = [hmac.digest(SECRET.encode(), text.encode(), "sha256").hex() for text in texts]
    assert output.stdout.split() == wanted


# Over loopback


async def post(serving: Served, signed: Signed, **headers: str) -> tuple[int, str]:
    headers = {"Origin": f"http://{serving.host}"} | headers
    body = msgspec.json.encode(signed)
    reply = await request(serving, "POST", "/remote/commands", body, **headers)
    return reply.status, reply.body


def commanded(serving: Served) -> list[ms.RemoteCommanded]:
    return [m for m in serving.told if isinstance(m, ms.RemoteCommanded)]


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason="needs '.[serve]'")
async def test_a_class_that_knows_the_code_commands_nothing() -> None:
    """Attacks with the room's code, each refused; the presenter's own command is the only one."""
    async with served() as serving:
        pupil = await enter(serving)
        assert (await request(serving, "GET", "/remote")).status == 403  # nobody is allowed yet
        serving.client.send(ms.RemoteAllowed(secret=SECRET))
        challenge = await challenge_of(serving)
        own = command(10, challenge=challenge)
        n_attacks = 0
        attacks: list[tuple[Signed, dict[str, str]]] = [
            *((command(n, secret=f"{n:032x}", challenge=challenge), {}) for n in range(1, 101)),
            (command(1), {}),  # of another room
            (msgspec.structs.replace(own, command='{"what":"away"}'), {}),
            (command(1, secret="k7mqp", challenge=challenge), {"Cookie": pupil}),
            (own, {"Origin": "http://evil.example"}),  # CSRF: signed, and from another page
            (own, {"Origin": "null"}),
            (own, {"Host": f"evil.example:{serving.port}"}),  # DNS rebinding
            (own, {"Host": "evil.example", "Origin": "http://evil.example"}),
        ]
        for signed, headers in attacks:
            status, _ = await post(serving, signed, **headers)
            assert status in (403, 421), (signed, headers)
            n_attacks += 1
        without_origin = await request(
            serving, "POST", "/remote/commands", msgspec.json.encode(own), Cookie=pupil
        )
        assert without_origin.status == 403
        assert (await post(serving, own))[0] == 202
        for again in (own, command(9, challenge=challenge)):
            assert (await post(serving, again))[0] == 409
            n_attacks += 1
        tablet = command(99, challenge=challenge, device=TABLET)
        assert (await post(serving, tablet))[0] == 409
        for garbage in (b"", b"[]", b'{"what":"on"}', b"{" * 4000, b"x" * 5000):
            headers = {"Origin": f"http://{serving.host}"}
            reply = await request(serving, "POST", "/remote/commands", garbage, **headers)
            assert reply.status in (400, 413)
            n_attacks += 1
        unknown = command(11, '{"what":"quit"}', challenge=challenge)
        assert (await post(serving, unknown))[0] == 400
        for query in ("", "?device=&counter=&mac=", f"?device={PHONE}&counter=%C2%B2&mac=0"):
            assert (await request(serving, "GET", f"/remote/events{query}")).status == 403
            n_attacks += 1
        await until(lambda: commanded(serving) == [ms.RemoteCommanded(what="on")])
        assert serving.told.count(ms.RemoteJoined(device=PHONE)) == 1
        assert n_attacks == 117
        serving.client.send(ms.RemoteAllowed(secret=OTHER))
        counter = 1000
        async with asyncio.timeout(PATIENCE_S):
            while (await post(serving, command(counter, challenge=challenge)))[0] != 403:
                counter += 1
        assert (await ask(serving, pupil, "go")).status == 202  # the lesson goes on for phones
