"""Work done here or on other machines: small jobs, whose results do not depend on where they are done."""
