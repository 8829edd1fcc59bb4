"""The version of the client, that of the distribution it was made with."""

VERSION = "0.1.0"
