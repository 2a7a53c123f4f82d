/** What finds messages and incidents that are to be followed up. */
export const FOLLOWED_UP = `
-- What was handed over to the gateway and has no end yet.
CREATE INDEX deliveries_custody ON deliveries (lane, seq) WHERE custody IS NOT NULL AND state = 'pending';
CREATE INDEX deliveries_alert ON deliveries (alert_id) WHERE alert_id IS NOT NULL;
-- When a job was told of last.
CREATE INDEX alerts_told ON alerts (job_id, notified_at_ms) WHERE notified_at_ms IS NOT NULL;
-- An incident of which somebody is to be told from this instant on, and what is said of it; who knows; until when it is silent.
ALTER TABLE alerts ADD COLUMN tell_at_ms INTEGER;
ALTER TABLE alerts ADD COLUMN about TEXT;
ALTER TABLE alerts ADD COLUMN acked_at_ms INTEGER;
ALTER TABLE alerts ADD COLUMN acked_by TEXT;
ALTER TABLE alerts ADD COLUMN snoozed_until_ms INTEGER;
-- Jobs that are to succeed every so often; a word in the name of one costs a look and no more.
CREATE INDEX jobs_expectant ON jobs (id) WHERE instr(definition, '"okWithinSeconds"') > 0;
CREATE INDEX alerts_snoozed ON alerts (job_id, snoozed_until_ms) WHERE snoozed_until_ms IS NOT NULL;
CREATE INDEX alerts_to_tell ON alerts (tell_at_ms) WHERE tell_at_ms IS NOT NULL;
`;
