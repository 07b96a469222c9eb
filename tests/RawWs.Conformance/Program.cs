using RawWs.Conformance;

var report = await ConformanceRunner.RunAsync(new ConformanceOptions { Target = new Uri(args[0]) });
foreach (var result in report.Results.Where(r => r.Outcome != Outcome.Ok)) Console.WriteLine($"{result.Outcome} {result.Id} {result.Detail} | {result.ClosingDetail}");
Console.WriteLine($"{report.Results.Count} cases, {report.Count(Outcome.Ok)} ok, {report.Seconds}");
return 0;
