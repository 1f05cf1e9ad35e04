-- The least distance of a joint walk has the name that answers and files give it.
ALTER TABLE joint_walks RENAME COLUMN least_m TO min_distance_m;
