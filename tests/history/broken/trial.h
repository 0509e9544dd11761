// A run of clients against a server over any store, in this process, judged at its end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "history/broken/defects.h"
#include "history/checker.h"
#include "history/workload.h"

namespace marconi::history::broken {

/// What came of a trial. The history's times are those of the server's clock, which runs fast.
struct Trial {
  std::size_t mishaps = 0;  ///< how often the defect struck
  Recording recording;
  Judgement judgement;
};

/// Serves the API over real connections until the defect has struck often enough, or for a few
/// seconds at most.
[[nodiscard]] Trial try_server(const Defect& defect, std::uint64_t seed);

}  // namespace marconi::history::broken
