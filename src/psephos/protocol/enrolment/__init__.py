"""Cards: tokens, groups, batches and who may have one."""
