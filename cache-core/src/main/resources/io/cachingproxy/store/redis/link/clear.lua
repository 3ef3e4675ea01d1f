-- Gives out a stamp, notes that everything stored before it is removed, and tells the nodes. The entries themselves are
-- swept afterwards.
-- Returns the stamp in decimal.
local text = stamped()
cleared(text)
return text
