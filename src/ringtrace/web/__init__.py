"""The Django shell: accounts, pages, migrations."""
