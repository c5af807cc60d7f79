"""One way to tell a person something: `services.tell` (docs/accounts.md, Notices)."""
