const DEFINITION = "iif(json_valid(jobs.definition), jobs.definition, '{}')";

/** Writes the facets of one job anew. */
const refacet = (id: string): string => `
  INSERT OR IGNORE INTO job_facets (job_id, facet, enabled, due_ms, updated_at_ms, name)
    SELECT job_id, facet, enabled, due_ms, updated_at_ms, name FROM faceted JOIN jobs ON jobs.id = faceted.job_id
    WHERE faceted.job_id = ${id} AND jobs.set_aside IS NULL;`;

/**
 * What jobs are found by beside their names: tags, destinations, whether they ask an agent, whom they belong to, and how they do. A row a facet, with
 * what lists are ordered by, so that a page of one facet is a walk through an index.
 */
export const FACETS = `
-- Takes longer of late than it used to; succeeded only after a retry of late.
ALTER TABLE jobs ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN flaky INTEGER NOT NULL DEFAULT 0;

CREATE TABLE job_facets (
  job_id TEXT NOT NULL,
  facet TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (job_id, facet)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_facets_due ON job_facets (facet, enabled, due_ms, job_id);
CREATE INDEX job_facets_updated ON job_facets (facet, enabled, updated_at_ms, job_id);
CREATE INDEX job_facets_name ON job_facets (facet, enabled, name, job_id);

CREATE VIEW faceted AS
  SELECT jobs.id AS job_id, 'tag:' || tag.value AS facet FROM jobs, json_each(${DEFINITION}, '$.tags') AS tag
  UNION ALL SELECT jobs.id, 'to:' || json_extract(${DEFINITION}, '$.delivery.to') FROM jobs
    WHERE json_extract(${DEFINITION}, '$.delivery.to') IS NOT NULL
  UNION ALL SELECT jobs.id, 'to:' || json_extract(also.value, '$.to') FROM jobs, json_each(${DEFINITION}, '$.delivery.also') AS also
    WHERE also.type = 'object' AND json_extract(also.value, '$.to') IS NOT NULL
  UNION ALL SELECT jobs.id, 'asks' FROM jobs, json_each(${DEFINITION}, '$.delivery.also') AS also
    WHERE also.type = 'object' AND json_extract(also.value, '$.mode') = 'agent'
  UNION ALL SELECT jobs.id, 'owner:' || json_extract(${DEFINITION}, '$.agentId') FROM jobs
    WHERE json_extract(${DEFINITION}, '$.agentId') IS NOT NULL
  UNION ALL SELECT jobs.id, 'owner:' || json_extract(${DEFINITION}, '$.managedBy') FROM jobs
    WHERE json_extract(${DEFINITION}, '$.managedBy') IS NOT NULL
  UNION ALL SELECT jobs.id, 'failing' FROM jobs WHERE consecutive_errors > 0
  UNION ALL SELECT jobs.id, 'never-ran' FROM jobs WHERE runs_total = 0
  UNION ALL SELECT jobs.id, 'slow' FROM jobs WHERE slow = 1
  UNION ALL SELECT jobs.id, 'flaky' FROM jobs WHERE flaky = 1;

INSERT OR IGNORE INTO job_facets (job_id, facet, enabled, due_ms, updated_at_ms, name)
  SELECT job_id, facet, enabled, due_ms, updated_at_ms, name FROM faceted JOIN jobs ON jobs.id = faceted.job_id
  WHERE jobs.set_aside IS NULL;

CREATE TRIGGER job_facets_added AFTER INSERT ON jobs BEGIN ${refacet("NEW.id")}
END;
CREATE TRIGGER job_facets_changed AFTER UPDATE OF definition, set_aside, consecutive_errors, runs_total, slow, flaky ON jobs
WHEN OLD.definition <> NEW.definition OR OLD.set_aside IS NOT NEW.set_aside OR OLD.slow <> NEW.slow OR OLD.flaky <> NEW.flaky
  OR (OLD.consecutive_errors > 0) <> (NEW.consecutive_errors > 0) OR (OLD.runs_total = 0) <> (NEW.runs_total = 0) BEGIN
  DELETE FROM job_facets WHERE job_id = NEW.id; ${refacet("NEW.id")}
END;
CREATE TRIGGER job_facets_moved AFTER UPDATE OF enabled, next_due_ms, updated_at_ms, name ON jobs
WHEN OLD.enabled <> NEW.enabled OR OLD.next_due_ms IS NOT NEW.next_due_ms OR OLD.updated_at_ms <> NEW.updated_at_ms
  OR OLD.name <> NEW.name BEGIN
  UPDATE job_facets SET enabled = NEW.enabled, due_ms = NEW.due_ms, updated_at_ms = NEW.updated_at_ms, name = NEW.name
    WHERE job_id = NEW.id;
END;
CREATE TRIGGER job_facets_removed AFTER DELETE ON jobs BEGIN
  DELETE FROM job_facets WHERE job_id = OLD.id;
END;
`;
