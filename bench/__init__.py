"""What Psephos costs, beside what it cannot cost less than (`docs/benchmarks.md`)."""
