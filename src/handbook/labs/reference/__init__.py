"""What the labs build, as it should be and with each bug that an answer may hold, to tell them apart."""
