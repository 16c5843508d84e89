"""The people in the room: a page on their phones that follows the lesson and takes questions."""
