"""`psephos registrar`, by what the registrar does."""
