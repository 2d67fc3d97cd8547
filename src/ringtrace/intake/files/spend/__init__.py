"""What was spent, as the sellers of ads export it: one file a vendor."""
