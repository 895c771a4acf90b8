// HubScene: see docs/ARCHITECTURE.md.
