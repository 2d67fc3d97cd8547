"""The words everyone uses: values, ids, clock, errors."""
