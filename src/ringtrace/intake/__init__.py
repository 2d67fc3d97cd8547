"""What comes in from elsewhere: outcomes, spend, contacts and older calls. One folder or file a source; no ledger."""
