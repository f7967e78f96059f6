"""The post: messages from party to party, as files (`spec/messages.md#post`)."""
