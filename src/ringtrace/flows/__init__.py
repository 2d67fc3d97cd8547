"""Where a call goes: a document and a pure interpreter."""
