/** What finds messages and incidents that are to be followed up. */
export const FOLLOWED_UP = `
-- What was handed over to the gateway and has no end yet.
CREATE INDEX deliveries_custody ON deliveries (lane, seq) WHERE custody IS NOT NULL AND state = 'pending';
CREATE INDEX deliveries_alert ON deliveries (alert_id) WHERE alert_id IS NOT NULL;
-- When a job was told of last.
CREATE INDEX alerts_told ON alerts (job_id, notified_at_ms) WHERE notified_at_ms IS NOT NULL;
`;
