-- Gives out a stamp, as control.lua does.
-- Returns it in decimal.
return stamped()
