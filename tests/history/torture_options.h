// What a torture run is told to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "history/workload.h"

namespace marconi::history {

struct TortureOptions {
  std::string server;                       ///< the program
  std::string faults_library;               ///< what is loaded into it
  std::vector<std::string> server_options;  ///< {host}, {database} stand for what they say
  unsigned hosts = 1;                       ///< servers, on one store that they share
  std::string database_command;             ///< starts that store (DatabaseProcess); empty: none
  std::string collector;                    ///< the program
  unsigned collectors = 0;                  ///< that run beside the servers
  double clock_offsets = 0;                 ///< how far clocks of hosts are off at most, in seconds
  bool expect_violations = false;           ///< the server is known to break the promise
  unsigned cycles = 20;
  double seconds = 5;  ///< of work in each cycle, with faults
  std::vector<std::string> faults = {"kill"};
  bool mixed = false;        ///< each cycle gets some of them, chosen by its seed
  double longest_stop = 2;   ///< seconds
  WorkloadOptions workload;  ///< of each cycle, but for the seed
  std::uint64_t seed = 0;    ///< of the first cycle; each next one has the next
  std::string ledger;        ///< a file to append to; empty: none
  std::string commit;        ///< what is tested, for the ledger
  std::string scratch;       ///< where stores are made; empty: the temporary directory

  /// Whether the store is a database beside the servers, run for the cycle or there before. The
  /// clock that counts is then the database's, which no fault moves.
  [[nodiscard]] bool has_shared_store() const { return hosts > 1 || !database_command.empty(); }
};

}  // namespace marconi::history
