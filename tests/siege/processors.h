// Keeps the server and those who talk to it on different processors.
#pragma once

namespace marconi::siege {

/// Where what the calling thread starts from then on is to run.
enum class Side { server, clients };

/// Binds the calling thread, and the threads and processes that it will start, to the first half of
/// the processors, or to the others. Does nothing if there is only one.
void move_to(Side side);

}  // namespace marconi::siege
