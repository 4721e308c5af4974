-- The head only moves forward, whoever moves it: a log that was cut back could grow differently.
-- While the log stands still it does not move at all, and so takes no entry (`halt.sql`).
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_head()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.id = OLD.id AND NEW.log_id = OLD.log_id AND NEW.origin = OLD.origin THEN
        IF NEW.size > OLD.size AND OLD.halted_at IS NULL AND NEW.halted_at IS NULL THEN
            RETURN NEW;
        ELSIF NEW.size > OLD.size AND OLD.halted_at IS NOT NULL THEN
            RAISE EXCEPTION 'the ledger stands still: what is written now could never be signed'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        ELSIF NEW.size = OLD.size AND NEW.peaks = OLD.peaks AND NEW.root = OLD.root
            AND (NEW.halted_at IS NULL) <> (OLD.halted_at IS NULL) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of the ledger only moves forward'
        USING ERRCODE = 'insufficient_privilege';
END $$;
