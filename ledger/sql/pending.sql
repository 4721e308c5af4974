-- The queue of a hot tenant: business transactions insert here without touching the head, a drainer
-- integrates many rows a commit. Rows leave only into the log.

-- Takes one signed, sealed entry into the queue; answers its place there. A record that the log or
-- the queue has raises unique_violation: whoever integrates the same record at this moment is
-- waited for by the queue's own index, and the log is read after that.
CREATE OR REPLACE FUNCTION {schema}.ledger_submit(
    p_kind text, p_rid uuid, p_ts text, p_kid text, p_leaf bytea,
    p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    place bigint;
    log record;
    turn text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_see_newest();  -- refuses, in its words: the call itself costs as much again
    END IF;
    turn := pg_advisory_xact_lock_shared('ledger_kek'::regclass::oid::integer, p_kek_version)::text;
    INSERT INTO ledger_pending
        (kind, rid, ts, kid, leaf, ciphertext, wrapped_key, kek_version, submitted_at)
        VALUES (p_kind, p_rid, p_ts, p_kid, p_leaf, p_ciphertext, p_wrapped_key, p_kek_version,
            now())
        RETURNING seq INTO place;
    SELECT h.halted_at IS NOT NULL AS is_halted,
            ledger_is_record(p_kind, p_rid, p_ts, p_kid, p_leaf, h.log_id) AS is_record,
            EXISTS (SELECT FROM ledger_kek
                WHERE version = p_kek_version AND closed_at IS NULL) AS is_open,
            EXISTS (SELECT FROM ledger_entry WHERE rid = p_rid
                -- by its id alone: of a log that was never analysed the index by kind is taken
                AND kind IS NOT DISTINCT FROM p_kind AND ts IS NOT DISTINCT FROM p_ts) AS has_it
        INTO STRICT log FROM ledger_head AS h;
    IF log.is_halted THEN  -- the queue comes to the head's lock too late
        RAISE EXCEPTION 'the ledger stands still: what is written now could never be signed'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF log.is_record IS NOT TRUE THEN
        RAISE EXCEPTION 'the leaf is no record of its columns' USING ERRCODE = 'check_violation';
    ELSIF log.has_it THEN
        RAISE EXCEPTION 'the record is in the log' USING ERRCODE = 'unique_violation';
    ELSIF NOT log.is_open THEN
        PERFORM ledger_hold_kek(ARRAY[p_kek_version]);  -- refuses, in its words
    END IF;
    RETURN place;
END $$;

-- Moves up to p_limit rows into the log, in order of arrival, under the head's lock; answers where
-- each stands now. The rows are read after the lock was had, so that two drainers take turns.
-- A row whose record came into the log by another way meanwhile, or whose key was revoked while it
-- waited, is marked refused and kept: it must not hold up those behind it.
CREATE OR REPLACE FUNCTION {schema}.ledger_integrate(p_limit integer)
RETURNS TABLE (index bigint, kind text, rid uuid, ts text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
SET enable_seqscan = off SET enable_sort = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    batch record;
    twins bigint[];
    first bigint;
BEGIN
    PERFORM ledger_take_turn();
    PERFORM FROM ledger_head WHERE id = 1 FOR UPDATE;
    LOOP
        -- scalar subqueries: an index is all that they can be answered by
        SELECT array_agg(p.seq) AS seqs, array_agg(p.kind) AS kinds, array_agg(p.rid) AS rids,
                array_agg(p.ts) AS stamps, array_agg(p.kid) AS kids, array_agg(p.leaf) AS leaves,
                string_agg(sha256('\x00'::bytea || p.leaf), ''::bytea) AS hashes,
                array_agg(p.ciphertext) AS ciphertexts, array_agg(p.wrapped_key) AS wrapped_keys,
                array_agg(p.kek_version) AS kek_versions,
                array_agg(p.seq) FILTER (WHERE coalesce(
                    (SELECT true FROM ledger_entry AS e WHERE e.rid = p.rid
                        AND e.kind IS NOT DISTINCT FROM p.kind AND e.ts IS NOT DISTINCT FROM p.ts),
                    (SELECT k.revoked_at IS NOT NULL FROM ledger_signing_key AS k
                        WHERE k.kid = p.kid))) AS refused
            INTO batch FROM (
                SELECT * FROM ledger_pending WHERE refused_at IS NULL ORDER BY seq LIMIT p_limit
            ) AS p;
        EXIT WHEN batch.refused IS NULL;
        UPDATE ledger_pending SET refused_at = now() WHERE seq = ANY (batch.refused);
        twins := ARRAY(SELECT p.seq FROM ledger_pending AS p  -- erased in the log: not kept here
            JOIN ledger_entry AS e ON e.rid = p.rid
                AND e.kind IS NOT DISTINCT FROM p.kind AND e.ts IS NOT DISTINCT FROM p.ts
            JOIN ledger_payload AS s ON s.index = e.index
            WHERE p.seq = ANY (batch.refused) AND s.erased_at IS NOT NULL);
        DELETE FROM ledger_pending WHERE seq = ANY (twins);
        DELETE FROM ledger_former_key WHERE holder = 'ledger_pending' AND place = ANY (twins);
    END LOOP;
    IF batch.seqs IS NULL THEN
        RETURN;
    END IF;
    PERFORM ledger_keep_kek(batch.kek_versions);
    first := ledger_write(batch.kinds, batch.rids, batch.stamps, batch.kids, batch.leaves,
        batch.hashes, batch.ciphertexts, batch.wrapped_keys, batch.kek_versions);
    IF EXISTS (SELECT FROM ledger_former_key WHERE holder = 'ledger_pending') THEN
        UPDATE ledger_former_key AS f SET holder = 'ledger_payload', place = first + t.nth - 1
            FROM unnest(batch.seqs) WITH ORDINALITY AS t(seq, nth)
            WHERE f.holder = 'ledger_pending' AND f.place = t.seq;
    END IF;
    DELETE FROM ledger_pending WHERE seq = ANY (batch.seqs);
    RETURN QUERY SELECT first + t.place - 1, t.kind::text, t.rid, t.ts::text
        FROM unnest(batch.kinds, batch.rids, batch.stamps)
            WITH ORDINALITY AS t(kind, rid, ts, place);
END $$;

-- A row leaves the queue when the log has exactly its leaf, or had its record erased, and in no other way.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_integrated()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM gone LEFT JOIN ledger_entry AS e
            ON e.rid = gone.rid
            AND e.kind IS NOT DISTINCT FROM gone.kind AND e.ts IS NOT DISTINCT FROM gone.ts
            -- a subquery, so that it is asked of those alone whose leaf is another
            WHERE e.leaf IS DISTINCT FROM gone.leaf AND (
                SELECT s.erased_at FROM ledger_payload AS s WHERE s.index = e.index) IS NULL) THEN
        RAISE EXCEPTION 'a waiting entry leaves the queue only into the log'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

-- Nothing of a waiting row changes but whether it was refused, once, and what wraps its key.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_pending()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.kek_version > OLD.kek_version THEN
        OLD.kek_version := NEW.kek_version;
        OLD.wrapped_key := NEW.wrapped_key;
        IF NEW = OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    IF OLD.refused_at IS NULL AND NEW.refused_at IS NOT NULL THEN
        OLD.refused_at := NEW.refused_at;
        IF NEW = OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a waiting entry is integrated, refused or its key wrapped anew, never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
