// HubWire: see docs/ARCHITECTURE.md.
