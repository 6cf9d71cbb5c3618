"""How the admin writes a moment: as the pages do, with its zone."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i T"
