"""Where facts rest: schemas, writer, reader."""
