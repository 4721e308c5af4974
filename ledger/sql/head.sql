-- The head only moves forward, whoever moves it: a log that was cut back could grow differently.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_head()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.id = OLD.id AND NEW.log_id = OLD.log_id AND NEW.origin = OLD.origin
        AND NEW.size > OLD.size THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the head of the ledger only moves forward'
        USING ERRCODE = 'insufficient_privilege';
END $$;
