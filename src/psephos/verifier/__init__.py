"""The numbered checks that anybody can run on a record, and their report."""
