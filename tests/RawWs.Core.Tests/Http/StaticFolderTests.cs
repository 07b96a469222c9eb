using RawWs.Http;

namespace RawWs.Tests.Http;

/// <summary>What looking for a file costs. What is found is in <see cref="StaticFilesTests"/>.</summary>
public sealed class StaticFolderTests : IDisposable
{
    private readonly DirectoryInfo _top = Directory.CreateTempSubdirectory("rawws-folder-");

    public void Dispose() => _top.Delete(recursive: true);

    // As many names as a request line has room for. What each of them is in is as long as all before it: a path is made for it only if it can be there.
    [Theory]
    [InlineData("")]
    [InlineData("file/")]
    [InlineData("folder/")]
    public void A_path_of_many_names_costs_as_much_as_it_is_long(string beginning)
    {
        File.WriteAllText(Path.Combine(_top.FullName, "file"), "");
        _top.CreateSubdirectory("folder");
        var folder = new StaticFolder(_top.FullName);
        var path = beginning + string.Join('/', Enumerable.Repeat("x", 4_000));
        Assert.Null(folder.Find(path));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(folder.Find(path));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100L * path.Length);
    }
}
