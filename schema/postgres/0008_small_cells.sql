-- The number of a cube of space has 16 bits per axis instead of 20: core/walk/space_cell.h.
UPDATE place_cells SET cell = ((cell >> 40) - 524288) * 4294967296
  + (((cell >> 20) & 1048575) - 491520) * 65536 + ((cell & 1048575) - 491520);
