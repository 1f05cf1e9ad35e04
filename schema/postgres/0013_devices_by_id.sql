-- Devices are listed by the bytes of their ids, whatever the language of the database.
CREATE INDEX devices_by_id ON devices (id COLLATE "C");
