import v8 from "node:v8";
await import("./validate-memory.ts");
console.log(process.memoryUsage(), v8.getHeapSpaceStatistics().map((s) => `${s.space_name} size ${(s.space_size/1e6).toFixed(1)} used ${(s.space_used_size/1e6).toFixed(1)} phys ${(s.physical_space_size/1e6).toFixed(1)}`));
