// Names of the predefined registers. Clusters are of one block here.
#include "special.h"

namespace softgpu {

std::optional<SpecialFacts> special_named(std::string_view name) {
    static constexpr SpecialFacts known[] = {
        {"%tid.x", Special::TidX, 32}, {"%tid.y", Special::TidY, 32}, {"%tid.z", Special::TidZ, 32},
        {"%ntid.x", Special::NtidX, 32}, {"%ntid.y", Special::NtidY, 32}, {"%ntid.z", Special::NtidZ, 32},
        {"%ctaid.x", Special::CtaidX, 32}, {"%ctaid.y", Special::CtaidY, 32}, {"%ctaid.z", Special::CtaidZ, 32},
        {"%nctaid.x", Special::NctaidX, 32}, {"%nctaid.y", Special::NctaidY, 32}, {"%nctaid.z", Special::NctaidZ, 32},
        {"%laneid", Special::LaneId, 32}, {"%warpid", Special::WarpId, 32}, {"%nwarpid", Special::NwarpId, 32},
        {"%smid", Special::SmId, 32}, {"%nsmid", Special::NsmId, 32}, {"%gridid", Special::GridId, 64},
        {"%lanemask_eq", Special::LanemaskEq, 32}, {"%lanemask_le", Special::LanemaskLe, 32},
        {"%lanemask_lt", Special::LanemaskLt, 32}, {"%lanemask_ge", Special::LanemaskGe, 32},
        {"%lanemask_gt", Special::LanemaskGt, 32}, {"%dynamic_smem_size", Special::DynamicSmemSize, 32},
        {"%total_smem_size", Special::TotalSmemSize, 32}, {"%aggr_smem_size", Special::TotalSmemSize, 32},
        {"%cluster_ctaid.x", Special::Zero, 32}, {"%cluster_ctaid.y", Special::Zero, 32}, {"%cluster_ctaid.z", Special::Zero, 32},
        {"%cluster_ctarank", Special::Zero, 32}, {"%cluster_nctaid.x", Special::One, 32}, {"%cluster_nctaid.y", Special::One, 32},
        {"%cluster_nctaid.z", Special::One, 32}, {"%cluster_nctarank", Special::One, 32},
        {"%clusterid.x", Special::CtaidX, 32}, {"%clusterid.y", Special::CtaidY, 32}, {"%clusterid.z", Special::CtaidZ, 32},
        {"%nclusterid.x", Special::NctaidX, 32}, {"%nclusterid.y", Special::NctaidY, 32}, {"%nclusterid.z", Special::NctaidZ, 32},
        {"%clock", Special::Clock, 32}, {"%clock_hi", Special::ClockHi, 32}, {"%clock64", Special::Clock64, 64},
        {"%globaltimer", Special::GlobalTimer, 64}, {"%globaltimer_lo", Special::GlobalTimerLo, 32},
        {"%globaltimer_hi", Special::GlobalTimerHi, 32},
    };
    for (const SpecialFacts &facts : known)
        if (facts.name == name) return facts;
    return std::nullopt;
}

} // namespace softgpu
