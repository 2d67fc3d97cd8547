"""One file a page. Each view stands behind `gate.for_company` and gets its rows through `access`."""
