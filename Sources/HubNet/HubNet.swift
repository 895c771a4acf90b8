// HubNet: see docs/ARCHITECTURE.md.
