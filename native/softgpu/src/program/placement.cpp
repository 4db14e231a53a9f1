// Cuts drafts into basic blocks, orders them and writes them out with their jumps and joins.
#include "../run/control.h"
#include "draft.h"
#include "order.h"

#include <algorithm>

namespace softgpu {
namespace {

struct BasicBlock {
    uint32_t first, end; // drafts
    std::vector<uint32_t> successors; // the one that follows without a jump is first, if any
    bool falls_through = false;
    uint32_t predecessors = 0;
};

std::vector<bool> leaders(const std::vector<Draft> &drafts) {
    std::vector<bool> leads(drafts.size() + 1, false);
    leads[0] = true;
    for (size_t i = 0; i < drafts.size(); i++) {
        if (drafts[i].flow != Flow::Next) leads[i + 1] = true;
        for (uint32_t target : drafts[i].targets) leads[target] = true;
    }
    return leads;
}

std::vector<BasicBlock> cut(const std::vector<Draft> &drafts) {
    std::vector<bool> leads = leaders(drafts);
    std::vector<uint32_t> block_of(drafts.size() + 1, 0);
    std::vector<BasicBlock> blocks;
    for (uint32_t i = 0; i < drafts.size(); i++) {
        if (leads[i]) blocks.push_back({i, i, {}, false, 0});
        blocks.back().end = i + 1;
        block_of[i] = static_cast<uint32_t>(blocks.size() - 1);
    }
    for (BasicBlock &block : blocks) {
        const Draft &last = drafts[block.end - 1];
        bool guarded = last.instruction.guard != no_operand;
        block.falls_through = last.flow == Flow::Next || (last.flow != Flow::Choose && guarded);
        if (block.falls_through) block.successors.push_back(block_of[block.end]);
        for (uint32_t target : last.targets) {
            uint32_t to = block_of[target];
            if (std::find(block.successors.begin(), block.successors.end(), to) == block.successors.end()) block.successors.push_back(to);
        }
    }
    for (const BasicBlock &block : blocks)
        for (uint32_t next : block.successors) blocks[next].predecessors++;
    return blocks;
}

Instruction synthetic(Handler run, uint32_t line) {
    Instruction in;
    in.run = run;
    in.kind = Kind::Synthetic;
    in.line = line;
    in.always = true;
    return in;
}

} // namespace

void place(std::vector<Draft> drafts, Placement into) {
    Draft end; // control that runs off the end returns
    end.instruction = synthetic(control::leave_routine, drafts.empty() ? 0 : drafts.back().instruction.line);
    end.flow = Flow::Leave;
    drafts.push_back(end);
    std::vector<BasicBlock> blocks = cut(drafts);
    std::vector<std::vector<uint32_t>> successors;
    for (const BasicBlock &block : blocks) successors.push_back(block.successors);
    std::vector<uint32_t> order = weak_topological_order(successors);

    std::vector<uint32_t> start(blocks.size(), 0);
    struct Fix {
        uint32_t instruction, block;
    };
    std::vector<Fix> fixes;
    auto emit = [&](const Instruction &in, const std::string &text) {
        into.code.push_back(in);
        into.texts.push_back(text);
    };
    for (size_t position = 0; position < order.size(); position++) {
        const BasicBlock &block = blocks[order[position]];
        start[order[position]] = static_cast<uint32_t>(into.code.size());
        if (block.predecessors > 1) emit(synthetic(control::join, drafts[block.first].instruction.line), "(join)");
        for (uint32_t i = block.first; i < block.end; i++) emit(drafts[i].instruction, drafts[i].text);
        if (block.falls_through && (position + 1 == order.size() || order[position + 1] != block.successors[0])) {
            fixes.push_back({static_cast<uint32_t>(into.code.size()), block.successors[0]});
            emit(synthetic(control::branch, drafts[block.end - 1].instruction.line), "(jump)");
        }
    }
    std::vector<uint32_t> block_of(drafts.size(), 0);
    for (uint32_t b = 0; b < blocks.size(); b++) std::fill(block_of.begin() + blocks[b].first, block_of.begin() + blocks[b].end, b);
    for (const Fix &fix : fixes) into.code[fix.instruction].target = start[fix.block];
    for (uint32_t b : order) {
        uint32_t last = blocks[b].end - 1;
        if (drafts[last].targets.empty()) continue;
        uint32_t at = start[b] + (blocks[b].predecessors > 1 ? 1 : 0) + (last - blocks[b].first);
        Instruction &in = into.code[at];
        if (drafts[last].flow == Flow::Jump) {
            in.target = start[block_of[drafts[last].targets[0]]];
        } else {
            in.pool = static_cast<uint32_t>(into.pool.size());
            for (uint32_t target : drafts[last].targets) into.pool.push_back(start[block_of[target]]);
        }
    }
}

} // namespace softgpu
