// For threads that do little at a time, but for which others wait.
#pragma once

namespace marconi::base {

/// Asks the system to run the calling thread soon after it has been woken, even if the processors
/// are busy with other threads of the same priority, in exchange for shorter turns. Needs no
/// privilege. Linux before 6.12 takes no notice; nothing happens if the system refuses.
void run_promptly();

}  // namespace marconi::base
