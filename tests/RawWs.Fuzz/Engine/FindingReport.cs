namespace RawWs.Fuzz;

/// <summary>Tells of a finding so that it can be repeated.</summary>
internal static class FindingReport
{
    private static readonly string Folder = Path.Combine("artifacts", "fuzz");

    /// <summary>Writes the input, and a smaller one that breaks the same if there is one, and prints how to run them again.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="minimize">Whether running the target again is safe; it is not if it hangs.</param>
    public static void Write(Finding finding, bool minimize = true)
    {
        Directory.CreateDirectory(Folder);
        Console.WriteLine();
        Console.WriteLine($"FOUND in {finding.Target.Name}, by {finding.Origin}");
        Console.WriteLine(finding.Error);
        WriteInput(finding.Target, "as found", finding.Input);

        if (!minimize)
            return;

        var smallest = Minimizer.Minimize(finding);
        if (smallest.Length < finding.Input.Length)
            WriteInput(finding.Target, "minimized", smallest);
    }

    private static void WriteInput(FuzzTarget target, string how, byte[] input)
    {
        var path = Path.Combine(Folder, $"{target.Name}-{Behaviour.Of(input):x16}.bin");
        File.WriteAllBytes(path, input);
        Console.WriteLine($"""

            {input.Length} bytes {how}: {Convert.ToHexStringLower(input)}
            dotnet run --project tests/RawWs.Fuzz -- --target {target.Name} --replay {path}
            """);
    }
}
