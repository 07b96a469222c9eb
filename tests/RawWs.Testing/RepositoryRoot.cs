namespace RawWs.Testing;

/// <summary>Where the repository lies that these tests were built from.</summary>
public static class RepositoryRoot
{
    /// <summary>The folder of the solution.</summary>
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
        => File.Exists(System.IO.Path.Combine(folder, "RawWs.sln"))
            ? folder
            : Find(Directory.GetParent(folder)?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository."));
}
