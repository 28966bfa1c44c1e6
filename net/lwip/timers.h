// SPDX-License-Identifier: MIT
#pragma once

// lwIP's clockwork: begins to run.
void net_timers_start(void);

// Something happened that may need a clockwork that stands still: DHCP began, a group was joined.
void net_timers_look(void);

// A name is being asked for.
void net_timers_for_names(void);
