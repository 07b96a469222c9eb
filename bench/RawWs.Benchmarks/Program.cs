using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

const string Thorough = "--thorough";

// A short job, unless the full one of BenchmarkDotNet is asked for: enough to tell twice from once, which is what the tables are for.
var job = args.Contains(Thorough)
    ? Job.Default
    : Job.Default.WithWarmupCount(6).WithIterationCount(5).WithIterationTime(TimeInterval.FromMilliseconds(150));

// In this process: BenchmarkDotNet's own projects would not find the central package versions.
var config = DefaultConfig.Instance
    .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
    .HideColumns(Column.Job, Column.Toolchain, Column.WarmupCount, Column.IterationCount, Column.IterationTime, Column.RatioSD);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args.Where(arg => arg != Thorough)], config);
