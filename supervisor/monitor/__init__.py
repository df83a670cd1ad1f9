"""Who looks, when, and who is told? The shell around core: probes on schedule, the record, the gate, callbacks."""
