// HubTestKit: what several test targets share.
