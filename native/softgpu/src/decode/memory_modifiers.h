// Modifiers that memory instructions share: state space, ordering, cache hints.
#pragma once

#include "decoding.h"

namespace softgpu {

// Ordering and scope: every access here is at least as strong as asked. True for accesses meant to meet other threads'.
inline bool take_ordering(Modifiers &m) {
    bool strong = m.take_one({"relaxed", "acquire", "release", "acq_rel"}) >= 0;
    m.take_all({"weak", "volatile", "mmio", "cta", "cluster", "gpu", "sys"});
    return strong;
}

// Caches are not part of the results: hints are read and dropped.
inline void take_cache_hints(Modifiers &m) {
    m.take_all({"ca", "cg", "cs", "lu", "cv", "nc", "wb", "wt"});
    m.take_prefixed("L1::");
    m.take_prefixed("L2::");
}

inline AccessSpace take_space(Modifiers &m, bool &constant) {
    constant = m.take("const");
    if (constant || m.take("global")) return AccessSpace::Global;
    if (m.take("shared") || m.take("shared::cta")) return AccessSpace::Shared;
    if (m.take("local")) return AccessSpace::Local;
    if (m.take("param") || m.take("param::entry") || m.take("param::func")) return AccessSpace::Param;
    return AccessSpace::Generic;
}

void note_shared_access(Decoding &d, AccessSpace space, uint32_t bytes);

} // namespace softgpu
