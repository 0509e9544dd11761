// Says of a thread how soon it has to run after it has been woken. Priorities, which would need a
// privilege or starve others, stay as they are. Linux before 6.12 takes no notice; nothing happens
// if the system refuses.
#pragma once

namespace marconi::base {

/// For a thread that does little at a time, but for which others wait: the system runs the calling
/// thread soon after it has been woken, even if the processors are busy with other threads of the
/// same priority, in exchange for shorter turns.
void run_promptly();

/// For a thread with much to do for which nobody waits: any other thread that is woken interrupts
/// the calling one. It gets as much processor time as before, in longer turns.
void run_patiently();

}  // namespace marconi::base
